"""One function a public page: (parameters, at) -> read model. Views, twins, figures and feeds ask here."""

"""Files -> typed rows and row errors. Serves seed files, uploads and commands alike; knows no Django."""

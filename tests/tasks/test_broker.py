"""Messages as files appear whole."""

import threading
from queue import Empty

from kombu import Connection

from tracker.celery import app

MESSAGES = 1500


def test_nobody_reads_half_a_message(tmp_path):
    options = {
        "data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "control")
    }  # fmt: skip
    assert app.conf.broker_url.startswith(("files://", "memory://", "redis://"))

    def write():
        with Connection("files://localhost/", transport_options=options) as connection:
            queue = connection.SimpleQueue("jobs")
            for number in range(MESSAGES):
                queue.put({"number": number, "filling": "x" * 2000})

    writer = threading.Thread(target=write)
    writer.start()
    read = []
    with Connection("files://localhost/", transport_options=options) as connection:
        queue = connection.SimpleQueue("jobs")
        while writer.is_alive() or len(read) < MESSAGES:
            try:
                message = queue.get_nowait()
            except Empty:
                continue
            message.ack()
            read.append(message.payload["number"])
    writer.join()
    assert sorted(read) == list(range(MESSAGES))

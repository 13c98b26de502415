"""What is read of a body that nobody wants, and when that ends."""

from vpnconsole import bodies


class Source:
    """A stream of so many bytes that counts what is read of it."""

    def __init__(self, length: int):
        self.left, self.read_so_far, self.limit = length, 0, 0

    def read(self, size: int) -> bytes:
        taken = min(size, self.left)
        self.left -= taken
        self.read_so_far += taken
        return bytes(taken)


def ask(length: int, source: Source, application=lambda environ, start_response: [b"refused"]) -> bytes:
    environ = {"wsgi.input": source, "CONTENT_LENGTH": str(length)}
    answer = bodies.ReadOut(application)(environ, lambda *words: None)
    text = b"".join(answer)
    assert source.read_so_far == 0, "before it was answered"
    if hasattr(answer, "close"):
        answer.close()
    return text


def test_what_is_left_is_read_after_the_answer():
    source = Source(1_000_000)
    assert ask(1_000_000, source) == b"refused"
    assert source.left == 0


def test_there_is_an_end_to_it():
    source = Source(2 * bodies.REST)
    ask(2 * bodies.REST, source)
    assert source.read_so_far == bodies.REST


def test_nothing_is_read_where_nothing_is_said_to_come():
    source = Source(1000)
    ask(0, source)
    assert source.read_so_far == 0


def test_a_link_that_breaks_off_is_nobodys_trouble():
    class Broken(Source):
        def read(self, size: int) -> bytes:
            raise ConnectionResetError

    assert ask(1000, Broken(1000)) == b"refused"


def test_time_is_bounded_as_well(monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", -1.0)
    source = Source(1000)
    ask(1000, source)
    assert source.read_so_far == 0


def test_the_answer_is_closed_as_servers_do():
    class Answer(list):
        closed = False

        def close(self):
            self.closed = True

    answer = Answer([b"refused"])
    ask(1000, Source(1000), lambda environ, start_response: answer)
    assert answer.closed

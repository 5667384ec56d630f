"""One `radie serve` for all tests of a class."""

import unittest
from collections.abc import Sequence

from harness import RADIE, tiny_model
from serving import Server


class Shared(unittest.TestCase):
    """With one server for all tests of the class, started with its ARGUMENTS."""

    ARGUMENTS: Sequence[object] = ()
    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(RADIE, *cls.ARGUMENTS, model=tiny_model())

    @classmethod
    def tearDownClass(cls) -> None:
        code = cls.server.stop()
        assert code == 0, code

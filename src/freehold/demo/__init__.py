"""The main job in one command: the sandbox, a broker and one process per node on free loopback ports.

It walks the same pages as a person, starts the same processes as an operator and reads the same reports as a marketer.
"""

"""Engines that turn one spoken sentence into samples: one file per engine, one protocol in `engine.py`."""

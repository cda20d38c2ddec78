#!/usr/bin/python3
"""Fails, and lets cgitb say so in the page."""

import cgitb

cgitb.enable()


def average(numbers):
    return sum(numbers) / len(numbers)


average([])

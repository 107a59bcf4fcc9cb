"""The page groups: one module, one blueprint each."""

from flask import Blueprint

from web.pages import (
    airchecks,
    aloud,
    approvals,
    bulletins,
    connection,
    emergency,
    emergency_orders,
    emergency_warnings,
    emergency_words,
    health,
    history,
    importing,
    lexicon,
    on_air,
    people,
    recording_files,
    recordings,
    records,
    relays,
    running_order,
    schedule,
    settings,
    sign_in,
    sounds,
    today,
    voices,
)

BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    module.pages
    for module in (
        today,
        on_air,
        sign_in,
        bulletins,
        importing,
        recordings,
        recording_files,
        aloud,
        lexicon,
        sounds,
        approvals,
        relays,
        schedule,
        running_order,
        emergency,
        emergency_words,
        emergency_orders,
        emergency_warnings,
        history,
        records,
        airchecks,
        people,
        settings,
        voices,
        connection,
        health,
    )
)

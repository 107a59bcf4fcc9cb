"""What the doctor says of the door for other machines."""

from __future__ import annotations

import pytest

from broadcaster import doctor
from broadcaster.store import pulse


@pytest.mark.parametrize(
    ("sign", "told"),
    [
        ({}, []),
        ({"lan": False, "lan_fault": ""}, []),
        ({"lan": True, "lan_fault": ""}, [True]),
        ({"lan": False, "lan_fault": "Không mở được cổng 8443 cho máy khác: đang dùng."}, [False]),
    ],
)
def test_only_a_door_that_is_wanted_is_looked_at(tmp_path, sign, told):
    pulse.beat(tmp_path, "web", port=8080, **sign)
    findings = list(doctor.CHECKS["máy khác"](tmp_path))
    assert [finding.is_well for finding in findings] == told
    assert all(bool(finding.advice) is not finding.is_well for finding in findings)

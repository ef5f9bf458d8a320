"""What SHOW GRANTS lists, said of another account."""

from __future__ import annotations

import pytest

from app.rotation.targets.mysql_grants import Account, said_of, taking_roles

APP, CLONE = Account("app", "%"), Account("app_clone", "%")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("GRANT USAGE ON *.* TO `app`@`%`", None),
        ("GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*AB' REQUIRE SSL", None),
        ("GRANT USAGE ON *.* TO `app`@`%` WITH GRANT OPTION", "GRANT USAGE ON *.* TO {} WITH GRANT OPTION"),
        ("GRANT SELECT ON `a`.* TO `app`@`%`", "GRANT SELECT ON `a`.* TO {}"),
        ("GRANT SELECT ON `a`.* TO 'app'@'%'", "GRANT SELECT ON `a`.* TO {}"),  # of older servers
        (
            "GRANT ALL PRIVILEGES ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*AB' WITH GRANT OPTION",
            "GRANT ALL PRIVILEGES ON *.* TO {} WITH GRANT OPTION",
        ),
        (
            "GRANT PROCESS ON *.* TO `app`@`%` REQUIRE ISSUER 'WITH GRANT OPTION'",
            "GRANT PROCESS ON *.* TO {}",
        ),
        (
            "GRANT UPDATE (`b`, `a)`, `A``,`) ON `s`.`t` TO `app`@`%`",
            "GRANT UPDATE (`A``,`, `a)`, `b`) ON `s`.`t` TO {}",
        ),
        (
            "GRANT SELECT ON `x`` TO ``app``@``%```.* TO `app`@`%`",
            "GRANT SELECT ON `x`` TO ``app``@``%```.* TO {}",
        ),
        (
            "GRANT `r`@`%`,`s`@`%` TO `app`@`%` WITH ADMIN OPTION",
            "GRANT `r`@`%`,`s`@`%` TO {} WITH ADMIN OPTION",
        ),
        ("REVOKE SELECT ON `mysql`.* FROM `app`@`%`", "REVOKE SELECT ON `mysql`.* FROM {}"),
        (
            "GRANT PROXY ON ''@'' TO `app`@`%` WITH GRANT OPTION",
            "GRANT PROXY ON ''@'' TO {} WITH GRANT OPTION",
        ),
        ("SET DEFAULT ROLE `r` FOR `app`@`%`", None),
        ("GRANT SELECT ON `a`.* TO `reader`", None),
        ("GRANT SELECT ON `a`.* TO `app`@`10.%`", None),
        ("DROP TABLE `a` TO `app`@`%`", None),
    ],
)
def test_a_row_is_said_of_another_account(row: str, said: str | None) -> None:
    assert said_of(CLONE, [row], APP) == ([] if said is None else [said.format("`app_clone`@`%`")])


def test_names_are_quoted() -> None:
    odd, second = Account("o'h`ara\\", "10.%"), Account("o'h`ara\\_clone", "10.%")
    assert str(odd) == "`o'h``ara\\`@`10.%`"
    for quoted in (str(odd), r"'o\'h`ara\\'@'10.%'"):
        assert said_of(second, [f"GRANT DROP ON `a`.* TO {quoted}"], odd) == [
            "GRANT DROP ON `a`.* TO `o'h``ara\\_clone`@`10.%`"
        ]


def test_roles_are_taken_by_their_names() -> None:
    given = [
        "GRANT `r`@`%`,`s`@`%` TO `app_clone`@`%` WITH ADMIN OPTION",
        "GRANT `odd ON role` TO `app_clone`@`%`",
        "GRANT SELECT ON `a`.* TO `app_clone`@`%`",
        "REVOKE SELECT ON `mysql`.* FROM `app_clone`@`%`",
    ]
    assert taking_roles(CLONE, given) == [
        "REVOKE `r`@`%`,`s`@`%` FROM `app_clone`@`%`",
        "REVOKE `odd ON role` FROM `app_clone`@`%`",
    ]

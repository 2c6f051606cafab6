"""Automations that are ready: welcome, renewal, birthday, win-back, the survey after a claim."""

from typing import Any

DAY = 24 * 60
NAMES = {
    "welcome": "Bienvenue",
    "renewal": "Renouvellement J-60, J-30, J-7",
    "birthday": "Anniversaire",
    "win_back": "Reconquête",
    "post_claim_survey": "Satisfaction après sinistre",
}


def recipe(name: str) -> dict[str, Any]:
    """The body of an automation."""
    made = {"welcome": _welcome, "renewal": _renewal, "birthday": _birthday, "win_back": _win_back}
    body = made.get(name, _survey)()
    return {"name": NAMES[name], "exits": ["claim", "complaint", "unpaid", "consent"], "goal": None} | body


def _send(key: str, template: str, next: str | None = None, channel: str = "email") -> dict[str, Any]:
    step = {"kind": "send", "key": key, "template_code": template, "channel": channel}
    return step | ({"next": next} if next else {})


def _wait(key: str, days: int, next: str) -> dict[str, Any]:
    return {"kind": "wait", "key": key, "minutes": days * DAY, "next": next, "label": f"{days} jours"}


def _welcome() -> dict[str, Any]:
    call = {"kind": "task", "key": "appel", "title": "Appel de bienvenue", "due_in_days": 2}
    return {
        "trigger": {"kind": "policy_issued"},
        "re_entry": "never",
        "first_step": "bienvenue",
        "steps": [_send("bienvenue", "welcome", "attente"), _wait("attente", 7, "appel"), call],
    }


def _renewal() -> dict[str, Any]:
    """Whoever has renewed is no longer named by the trigger; a claim or a debt takes them out."""
    call = {"kind": "task", "key": "appel", "title": "Appeler pour le renouvellement", "due_in_days": 2}
    return {
        "trigger": {"kind": "policy_expiring", "days": 60},
        "re_entry": "always",
        "first_step": "j60",
        "steps": [
            _send("j60", "renewal_marketing", "vers_j30"),
            _wait("vers_j30", 30, "j30"),
            _send("j30", "renewal_marketing_b", "vers_j7"),
            _wait("vers_j7", 23, "j7"),
            _send("j7", "renewal_marketing", "appel"),
            call,
        ],
    }


def _birthday() -> dict[str, Any]:
    return {
        "trigger": {"kind": "birthday"},
        "re_entry": "after_exit",
        "first_step": "voeux",
        "steps": [_send("voeux", "birthday")],
    }


def _win_back() -> dict[str, Any]:
    return {
        "trigger": {"kind": "policy_ended", "days": 30},
        "re_entry": "after_exit",
        "goal": {"fact": "has_policy"},
        "first_step": "offre",
        "steps": [
            _send("offre", "win_back", "attente"),
            _wait("attente", 14, "appel"),
            {"kind": "task", "key": "appel", "title": "Appeler l'ancien client", "due_in_days": 5},
        ],
    }


def _survey() -> dict[str, Any]:
    """About the service that was rendered: no consent is needed, and no claim takes anybody out."""
    return {
        "trigger": {"kind": "claim_settled"},
        "re_entry": "always",
        "exits": ["complaint"],
        "first_step": "attente",
        "steps": [_wait("attente", 3, "avis"), _send("avis", "nps")],
    }

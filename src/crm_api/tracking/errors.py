from crm_api.kit.errors import Duplicate


class WebGoalCodeTaken(Duplicate):
    """Another goal has this code."""

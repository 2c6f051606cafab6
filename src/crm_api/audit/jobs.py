from crm_api.core.jobs import Jobs, Schedule
from crm_api.core.seal import seal_audit

JOBS: Jobs = {"seal_audit": seal_audit}
SCHEDULES = (Schedule("seal_audit", "*/5 * * * *"),)

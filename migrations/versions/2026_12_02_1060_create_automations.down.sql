DROP TABLE enrolment_steps
;;
DROP TABLE enrolments
;;
DROP TABLE automation_versions
;;
DROP TABLE automations

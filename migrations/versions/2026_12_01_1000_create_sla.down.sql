DROP TABLE sla_timers
;;
DROP TABLE sla_clocks
;;
DROP TABLE sla_policies
;;
DROP TABLE sla_hours_seen

-- Takes opportunities away, with all that hangs on them.
DROP TABLE opportunity_stages
;;
DROP TABLE sales_targets
;;
DROP TABLE opportunities
;;
DROP TABLE pipeline_stages
;;
DROP TABLE pipeline_snapshot_lines
;;
DROP TABLE pipelines
;;
DROP TABLE pipeline_snapshots
;;
DROP FUNCTION crm_keep_stage_history()
;;
DROP FUNCTION crm_keep_pipeline_stages()
;;
DROP FUNCTION crm_words_of_opportunities_added()
;;
DROP FUNCTION crm_words_of_opportunities_changed()
;;
DROP FUNCTION crm_words_of_opportunities_removed()

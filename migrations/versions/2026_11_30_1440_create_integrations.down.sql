DROP TABLE reconciliation_differences
;;
DROP TABLE integration_batches
;;
DROP TABLE reconciliations

DROP TABLE campaign_days
;;
DROP TABLE campaign_results
;;
DROP TABLE touches

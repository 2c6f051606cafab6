DROP TABLE campaign_recipients
;;
DROP TABLE campaign_contents
;;
DROP TABLE campaign_variants
;;
DROP TABLE campaign_segments
;;
DROP TABLE campaign_lines
;;
DROP TABLE campaigns
;;
DROP FUNCTION crm_check_campaign_weights()

DROP INDEX ix_opportunities_campaign
;;
ALTER TABLE opportunities DROP CONSTRAINT fk_opportunities_campaign
;;
DROP INDEX ix_leads_campaign
;;
ALTER TABLE leads DROP CONSTRAINT fk_leads_campaign
;;
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

DROP TABLE complaint_steps
;;
DROP TABLE complaints
;;
DELETE FROM legal_deadlines WHERE code LIKE 'complaint%'
;;
ALTER TABLE legal_deadlines DROP CONSTRAINT ck_legal_deadlines_code_known
;;
ALTER TABLE legal_deadlines ADD CONSTRAINT ck_legal_deadlines_code_known CHECK (code IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing'))
;;
ALTER TABLE claims DROP CONSTRAINT ck_claims_report_rule_known
;;
ALTER TABLE claims ADD CONSTRAINT ck_claims_report_rule_known CHECK (report_rule IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing'))
;;
ALTER TABLE claims DROP CONSTRAINT ck_claims_settle_rule_known
;;
ALTER TABLE claims ADD CONSTRAINT ck_claims_settle_rule_known CHECK (settle_rule IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing'))

ALTER TABLE legal_deadlines DROP CONSTRAINT ck_legal_deadlines_code_known
;;
ALTER TABLE legal_deadlines ADD CONSTRAINT ck_legal_deadlines_code_known CHECK (code IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing', 'complaint_acknowledge', 'complaint_answer', 'complaint_answer_ministry', 'complaint_answer_supervisor'))
;;
ALTER TABLE claims DROP CONSTRAINT ck_claims_report_rule_known
;;
ALTER TABLE claims ADD CONSTRAINT ck_claims_report_rule_known CHECK (report_rule IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing', 'complaint_acknowledge', 'complaint_answer', 'complaint_answer_ministry', 'complaint_answer_supervisor'))
;;
ALTER TABLE claims DROP CONSTRAINT ck_claims_settle_rule_known
;;
ALTER TABLE claims ADD CONSTRAINT ck_claims_settle_rule_known CHECK (settle_rule IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing', 'complaint_acknowledge', 'complaint_answer', 'complaint_answer_ministry', 'complaint_answer_supervisor'))
;;
CREATE TABLE complaints (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    ticket_id UUID NOT NULL,
    sla_clock_id UUID,
    status VARCHAR(40) NOT NULL,
    recipient VARCHAR(40) NOT NULL,
    channel VARCHAR(40) NOT NULL,
    category VARCHAR(40) NOT NULL,
    severity VARCHAR(40) NOT NULL,
    account_id UUID,
    contact_id UUID,
    complainant_name TEXT,
    product_code TEXT,
    branch_code TEXT,
    claim_id UUID,
    policy_id UUID,
    demanded_outcome TEXT,
    external_reference TEXT,
    received_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    ack_due_at TIMESTAMP(3) WITH TIME ZONE,
    acknowledged_at TIMESTAMP(3) WITH TIME ZONE,
    answer_due_at TIMESTAMP(3) WITH TIME ZONE,
    answered_at TIMESTAMP(3) WITH TIME ZONE,
    escalation_level INTEGER DEFAULT '0' NOT NULL,
    escalation_reason TEXT,
    decision VARCHAR(40),
    compensation_amount BIGINT,
    answer_text TEXT,
    answer_drafted_by_id UUID,
    answer_drafted_at TIMESTAMP(3) WITH TIME ZONE,
    answer_approved_by_id UUID,
    answer_document_id UUID,
    send_back_reason TEXT,
    contest_reason TEXT,
    root_cause TEXT,
    closed_at TIMESTAMP(3) WITH TIME ZONE,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_complaints PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_complaints_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_complaints_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_complaints_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_complaints_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT fk_complaints_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_complaints_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_complaints_owner FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_complaints_drafter FOREIGN KEY(organization_id, answer_drafted_by_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_complaints_approver FOREIGN KEY(organization_id, answer_approved_by_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_complaints_answer FOREIGN KEY(organization_id, answer_document_id) REFERENCES files (organization_id, id),
    CONSTRAINT ck_complaints_levels CHECK (escalation_level BETWEEN 0 AND 3),
    CONSTRAINT ck_complaints_closed_with_a_cause CHECK (status <> 'closed' OR root_cause IS NOT NULL),
    CONSTRAINT ck_complaints_compensation CHECK (compensation_amount >= 0),
    CONSTRAINT ck_complaints_two_people_answer CHECK (answer_approved_by_id <> answer_drafted_by_id),
    CONSTRAINT ck_complaints_demanded_outcome_length CHECK (char_length(demanded_outcome) <= 500),
    CONSTRAINT ck_complaints_root_cause_length CHECK (char_length(root_cause) <= 60),
    CONSTRAINT ck_complaints_external_reference_length CHECK (char_length(external_reference) <= 60),
    CONSTRAINT ck_complaints_answer_text_length CHECK (char_length(answer_text) <= 10000),
    CONSTRAINT ck_complaints_status_known CHECK (status IN ('received', 'acknowledged', 'investigating', 'answered', 'accepted', 'contested', 'escalated', 'closed')),
    CONSTRAINT ck_complaints_recipient_known CHECK (recipient IN ('company', 'ministry', 'supervisor')),
    CONSTRAINT ck_complaints_channel_known CHECK (channel IN ('phone', 'email', 'sms', 'whatsapp', 'messenger', 'chat', 'chatbot', 'portal_message', 'social', 'in_person', 'letter', 'web_form')),
    CONSTRAINT ck_complaints_category_known CHECK (category IN ('claim_delay', 'indemnity_amount', 'refusal', 'premium', 'information', 'behaviour', 'digital_service', 'data_protection', 'other')),
    CONSTRAINT ck_complaints_severity_known CHECK (severity IN ('low', 'medium', 'high', 'regulatory')),
    CONSTRAINT ck_complaints_decision_known CHECK (decision IN ('upheld', 'partly', 'rejected'))
)
;;
CREATE INDEX ix_complaints_account ON complaints (organization_id, account_id, received_at, id)
;;
CREATE INDEX ix_complaints_agency ON complaints (organization_id, agency_id, received_at, id)
;;
CREATE INDEX ix_complaints_clock ON complaints (organization_id, sla_clock_id)
;;
CREATE INDEX ix_complaints_due ON complaints (organization_id, answer_due_at, id)
;;
CREATE INDEX ix_complaints_owner ON complaints (organization_id, owner_user_id, received_at, id)
;;
CREATE INDEX ix_complaints_received ON complaints (organization_id, received_at, id)
;;
CREATE INDEX ix_complaints_status ON complaints (organization_id, status, received_at, id)
;;
CREATE INDEX ix_complaints_unacknowledged ON complaints (organization_id, ack_due_at, id) WHERE status = 'received'
;;
CREATE UNIQUE INDEX uq_complaints_number ON complaints (organization_id, number)
;;
CREATE UNIQUE INDEX uq_complaints_ticket ON complaints (organization_id, ticket_id)
;;
ALTER TABLE complaints ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE complaints FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON complaints
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON complaints TO crm_app
;;
CREATE TABLE complaint_steps (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    complaint_id UUID NOT NULL,
    at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    by_kind TEXT NOT NULL,
    by_id UUID NOT NULL,
    step TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    escalation_level INTEGER NOT NULL,
    note TEXT,
    CONSTRAINT pk_complaint_steps PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_complaint_steps_complaint FOREIGN KEY(organization_id, complaint_id) REFERENCES complaints (organization_id, id),
    CONSTRAINT ck_complaint_steps_status_known CHECK (status IN ('received', 'acknowledged', 'investigating', 'answered', 'accepted', 'contested', 'escalated', 'closed'))
)
;;
CREATE INDEX ix_complaint_steps_complaint ON complaint_steps (organization_id, complaint_id, at, id)
;;
ALTER TABLE complaint_steps ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE complaint_steps FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON complaint_steps
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT ON complaint_steps TO crm_app
;;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON complaint_steps
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON complaint_steps
    FOR EACH STATEMENT EXECUTE FUNCTION crm_refuse_change()

from crm_api.knowledge.router import articles, reading, replies

ROUTERS = (articles.router, reading.router, replies.canned, replies.auto)

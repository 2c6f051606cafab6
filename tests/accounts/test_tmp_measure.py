
import time, statistics
import httpx, pytest, asyncpg
from uuid import uuid4
from account_steps import *
from actors import actor
from plans import explained, recorded
from test_plans_data import FILL
pytestmark = pytest.mark.anyio
OURS=uuid4(); ADMIN=actor(OURS,*EVERYTHING)
async def test_measure(house, _owner):
    place = await agency(_owner, OURS)
    t=time.perf_counter(); await _owner.execute(FILL, OURS, place, 100_000); print("fill 100k", time.perf_counter()-t)
    await _owner.execute("INSERT INTO number_sequences (organization_id, name, value) VALUES ($1,'account',100000)", OURS)
    await _owner.execute("VACUUM ANALYZE accounts, search_tokens")
    print(await _owner.fetch("select relname, pg_size_pretty(pg_total_relation_size(oid)) s, reltuples from pg_class where relname in ('accounts','search_tokens')"))
    for q in "aissani","ilyes","il","ilyes aissani","aissani 1869f","client","0500099999","zzz", "i", "c0":
        if len(q)<2: continue
        for gen in False, True:
            (p,) = await explained(house,"GET","/v1/accounts",headers=ADMIN,params={"q":q},generic=gen)
            print("Q", q, gen, p.ms, [ (n["Node Type"], n.get("Index Name")) for n in p.nodes()])
    for tag in ["vip"],["vip","flotte"]:
        (p,) = await explained(house,"GET","/v1/accounts",headers=ADMIN,params={"tag":tag})
        print("T", tag, p.ms, [ (n["Node Type"], n.get("Index Name")) for n in p.nodes()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house), base_url="http://test") as client:
        b = body(place, phones=[{"value":"0550123456"}], emails=[{"value":"ilyes@example.com"}])
        async def run(n):
            ts=[]
            for _ in range(n):
                t=time.perf_counter(); r=await client.post("/v1/accounts",json=b,headers=ADMIN); ts.append(time.perf_counter()-t)
                assert r.status_code==201
            return statistics.median(ts)*1e6
        await run(200)
        for k in range(3):
            on=await run(400)
            await _owner.execute("ALTER TABLE accounts DISABLE TRIGGER words_added")
            off=await run(400)
            await _owner.execute("ALTER TABLE accounts ENABLE TRIGGER words_added")
            print("CREATE us with words", on, "without", off)
        with recorded(house) as sent:
            await client.post("/v1/accounts",json=b,headers=ADMIN)
        s=sent[0]
        c=await asyncpg.connect(house.state.database.dsn)
        await c.execute("SELECT set_config('crm.organization',$1,false)", str(OURS))
        import uuid
        async def raw(n):
            ts=[]
            st=await c.prepare(s.sql)
            ids=[i for i,a in enumerate(s.arguments) if str(a)==str(sent_id)]
            nums=[i for i,a in enumerate(s.arguments) if isinstance(a,str) and a.startswith("C0")]
            for k in range(n):
                args=list(s.arguments)
                for i in ids: args[i]=uuid.uuid4()
                for i in nums: args[i]="C9"+uuid.uuid4().int.__str__()[:10]
                t=time.perf_counter(); await st.fetch(*args); ts.append(time.perf_counter()-t)
            return statistics.median(ts)*1e6
        sent_id=(await _owner.fetchval("select id from accounts where organization_id=$1 order by created_at desc limit 1",OURS))
        await raw(200)
        for k in range(3):
            on=await raw(500)
            await _owner.execute("ALTER TABLE accounts DISABLE TRIGGER words_added")
            off=await raw(500)
            await _owner.execute("ALTER TABLE accounts ENABLE TRIGGER words_added")
            print("RAW STATEMENT us with words", on, "without", off, on-off)
        await c.close()

import pytest
from django.db import transaction
from tests.views.test_permissions import *
@pytest.fixture
def _t(things): return things
def test_x(things):
    clients={r:None for r in ROLES}
    for n,row in ROWS.items():
        out=[]
        for m in ("get","post"):
            w=[]
            for r in ROLES:
                sid=transaction.savepoint()
                try: w.append(answered(as_role(r),m,row.address.format(**things)))
                except Exception as e: w.append("EXC:"+type(e).__name__+str(e)[:80])
                transaction.savepoint_rollback(sid)
            out.append(" ".join(w))
        print("ROW|%s|%s|%s|%s"%(n,row.address,*out))

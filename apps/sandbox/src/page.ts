/** The page for people at `/`: orders, farm and mailbox, refreshed every second, with buttons for what happens most. */
export const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Forma3D sandbox</title><link rel="icon" href="data:,">
<style>
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}
body{max-width:70rem;margin:0 auto;padding:1rem}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #8884;vertical-align:top}
button{font:inherit;padding:.15rem .6rem;margin:.1rem .2rem .1rem 0;cursor:pointer}
.quiet{opacity:.7}.wide{overflow-x:auto}[role=alert]{color:#c33}
</style></head><body>
<h1>Forma3D sandbox</h1>
<p class="quiet">A simulated Shopify, SimplyPrint and mailbox. Nothing here is real.</p>
<p><button data-post="/control/orders" data-body='{"lines":[{"sku":"DRAGON-S","quantity":1}]}'>Order a desk dragon</button>
<button data-post="/control/orders" data-body='{"lines":[{"sku":"CHESS-SET","quantity":1}],"fulfilment_type":"pickup"}'>Order a chess set for pickup</button>
<button data-post="/control/orders" data-body='{"lines":[{"sku":"NEW-THING","quantity":1}]}'>Order something unmapped</button>
<button data-post="/control/faults" data-body='{"target":"simplyprint","kind":"fail-prints","count":1}'>Fail the next print</button>
<button data-post="/control/faults" data-body='{"target":"shopify","kind":"outage","for_s":30}'>Shopify down for 30 s</button>
<button data-delete="/control/faults">No more faults</button></p>
<p role="alert" id="problem"></p>
<h2>Orders</h2><div class="wide"><table><thead><tr><th>Order</th><th>Lines</th><th>Payment</th><th>Fulfillment</th><th></th></tr></thead><tbody id="orders"></tbody></table></div>
<h2>Printers</h2><div class="wide"><table><thead><tr><th>Printer</th><th>State</th><th>Print</th><th></th></tr></thead><tbody id="printers"></tbody></table></div>
<h2>Queue</h2><div class="wide"><table><thead><tr><th>Item</th><th>File</th><th>Left</th><th>Printed</th></tr></thead><tbody id="queue"></tbody></table></div>
<h2>Faults</h2><ul id="faults"></ul>
<h2>Mailbox</h2><ul id="mails"></ul>
<script>
const $=(id)=>document.getElementById(id);
const cell=(row,content)=>{const td=row.insertCell();if(content instanceof Node)td.append(content);else td.textContent=content;return td};
const button=(text,url,body)=>{const b=document.createElement('button');b.textContent=text;b.onclick=()=>call('POST',url,body);return b};
async function call(method,url,body){const r=await fetch(url,{method,headers:{'content-type':'application/json'},body:method==='POST'?(body??'{}'):undefined});
 $('problem').textContent=r.ok?'':(await r.json()).error;refresh()}
function rows(id,items,fill){const body=$(id);body.replaceChildren();for(const item of items)fill(body.insertRow(),item);
 if(items.length===0)cell(body.insertRow(),'none').className='quiet'}
function list(id,items){const ul=$(id);ul.replaceChildren();for(const text of items.length?items:['none']){const li=document.createElement('li');li.textContent=text;ul.append(li)}}
async function refresh(){try{
 const [orders,farm,mail,faults]=await Promise.all(['orders?limit=30','simplyprint','mail','faults'].map((p)=>fetch('/control/'+p).then((r)=>r.json())));
 rows('orders',orders.reverse(),(tr,o)=>{cell(tr,o.name);cell(tr,o.lines.map((l)=>l.current_quantity+' × '+(l.sku??l.title)).join(', '));
  cell(tr,o.display_financial_status);cell(tr,o.cancelled_at?'CANCELLED':o.display_fulfillment_status);
  const td=cell(tr,'');const at='/control/orders/'+o.id;
  if(o.display_financial_status==='PENDING'&&!o.cancelled_at)td.append(button('pay',at+'/pay'));
  if(!o.cancelled_at&&o.display_fulfillment_status!=='FULFILLED')td.append(button('cancel',at+'/cancel'),o.display_fulfillment_status==='ON_HOLD'?button('release',at+'/release'):button('hold',at+'/hold'))});
 rows('printers',farm.printers,(tr,p)=>{const j=farm.jobs.find((x)=>x.id===p.job_id);cell(tr,p.name);cell(tr,p.state);
  cell(tr,j?j.filename+' '+j.percentage+' %':'');const td=cell(tr,'');
  if(j)td.append(button('finish','/control/simplyprint/jobs/'+j.id+'/finish'),button('fail','/control/simplyprint/jobs/'+j.id+'/fail'),button('cancel','/control/simplyprint/jobs/'+j.id+'/cancel'))});
 rows('queue',farm.queue,(tr,q)=>{cell(tr,q.id);cell(tr,q.filename);cell(tr,q.left);cell(tr,q.printed)});
 list('faults',faults.faults.map((f)=>f.target+': '+f.kind+(f.operation?' on '+f.operation:'')+', struck '+f.struck+' times'));
 list('mails',mail.mails.slice(-20).reverse().map((m)=>m.subject+' → '+m.to.join(', ')));
 }catch{$('problem').textContent='The sandbox does not answer.'}}
document.querySelectorAll('[data-post]').forEach((b)=>b.onclick=()=>call('POST',b.dataset.post,b.dataset.body));
document.querySelectorAll('[data-delete]').forEach((b)=>b.onclick=()=>call('DELETE',b.dataset.delete));
refresh();setInterval(refresh,1000);
</script></body></html>`;

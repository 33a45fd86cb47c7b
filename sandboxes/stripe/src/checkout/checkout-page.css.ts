/** The hosted page's whole style. Two columns on wide screens, one on phones; follows the dark mode. */
export const CHECKOUT_CSS = `
:root{--ink:#10182b;--muted:#5a6478;--line:#d9dee8;--field:#fff;--paper:#fff;--tint:#f5f7fb;
--accent:#2b54e0;--accent-ink:#fff;--accent-soft:#e9eefe;--bad:#b3261e;--bad-soft:#fdeceb;
--good:#137a4b;--warn:#9a5b00;--night:#0e1730;--night-2:#1b2b57;--night-ink:#f4f7ff;--night-muted:#aab8dc}
@media (prefers-color-scheme:dark){:root{--ink:#eef2fb;--muted:#a3aec4;--line:#364159;--field:#171f33;
--paper:#111829;--tint:#182035;--accent:#7f9cff;--accent-ink:#0c1430;--accent-soft:#22305c;
--bad:#ff9a92;--bad-soft:#3a1d22;--good:#6fdca6;--warn:#ffca7a;--night:#0a1020;--night-2:#16244a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;font:16px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
color:var(--ink);background:var(--paper);-webkit-font-smoothing:antialiased}
.split{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.08fr);min-height:100vh}
.summary{position:relative;overflow:hidden;overflow:clip;color:var(--night-ink);
background:radial-gradient(120% 90% at 0 0,var(--night-2),var(--night) 70%);display:flex;justify-content:flex-end}
.summary-in{isolation:isolate;position:sticky;top:0;height:100vh;min-height:34rem;width:100%;max-width:31rem;padding:3.5rem 3.5rem 2.5rem 2rem;display:flex;flex-direction:column}
.rings{z-index:-1;position:absolute;right:-13rem;bottom:-7rem;width:38rem;height:38rem;opacity:.5;pointer-events:none}
.brand{display:flex;align-items:center;gap:.65rem;font-weight:600}
.brand svg{width:2rem;height:2rem;flex:none}
.pill{font-size:.6875rem;font-weight:700;letter-spacing:.06em;text-transform:uppercase;padding:.2rem .5rem;
border-radius:.375rem;background:#ffd27a;color:#4a2d00;white-space:nowrap}
.what{margin:2.75rem 0 .25rem;color:var(--night-muted);font-weight:500}
.total{margin:0;font-size:clamp(2.25rem,5vw,3.125rem);line-height:1.1;font-weight:650;letter-spacing:-.025em;
font-variant-numeric:tabular-nums}
.total small{font-size:1rem;font-weight:500;letter-spacing:0;color:var(--night-muted);margin-left:.5rem}
.items{list-style:none;margin:2.5rem 0 0;padding:0}
.items li{display:flex;justify-content:space-between;gap:1.5rem;padding:.9rem 0;border-bottom:1px solid #ffffff1f}
.items b{display:block;font-weight:550;overflow-wrap:anywhere}
.items div span{color:var(--night-muted);font-size:.875rem}
.sum,.due{display:flex;justify-content:space-between;padding-top:.9rem;color:var(--night-muted)}
.due{color:var(--night-ink);font-weight:650}
.num{font-variant-numeric:tabular-nums;white-space:nowrap}
.foot{max-width:13rem;position:relative;margin:auto 0 0;padding-top:3rem;font-size:.8125rem;color:var(--night-muted)}
.pay{display:flex;background:var(--paper)}
.pay-in{width:100%;max-width:31rem;padding:3.5rem 2rem 2.5rem 3.5rem}
h1,h2{font-size:1.25rem;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:0 0 1.25rem}
.alert{display:flex;gap:.7rem;margin:0 0 1.25rem;padding:.8rem .95rem;border-radius:.625rem;
background:var(--bad-soft);color:var(--bad);border:1px solid currentColor;font-weight:550}
.alert:focus{outline:none}
.alert svg{flex:none;width:1.25rem;height:1.25rem;margin-top:.125rem}
.tabs{display:flex;gap:.25rem;padding:.25rem;margin:-.25rem 0 1.25rem;border-radius:.625rem;background:var(--tint);border:1px solid var(--line)}
.tabs a{flex:1;text-align:center;padding:.5rem .6rem;border-radius:.45rem;color:var(--muted);text-decoration:none;font-weight:550;font-size:.9375rem}
.tabs a:hover{color:var(--ink)}
.tabs a[aria-current]{background:var(--field);color:var(--ink);box-shadow:0 1px 3px #10182b24}
.mandate,.note{font-size:.875rem;color:var(--muted);margin:0 0 .5rem}
.summary .note{color:var(--night-muted);font-size:1rem;max-width:22rem}
.field{margin-bottom:1rem}
.row{display:grid;grid-template-columns:1fr 1fr;gap:.875rem}
label{display:block;font-size:.875rem;font-weight:550;margin-bottom:.35rem}
label i{font-style:normal;font-weight:400;color:var(--muted)}
input{width:100%;font:inherit;color:inherit;background:var(--field);border:1px solid var(--line);border-radius:.5rem;
padding:.65rem .8rem;min-height:2.875rem;font-variant-numeric:tabular-nums;box-shadow:0 1px 2px #10182b0d;
transition:border-color .12s,box-shadow .12s}
input::placeholder{color:var(--muted);opacity:.65}
input:focus{outline:none;border-color:var(--accent);box-shadow:0 0 0 3px var(--accent-soft)}
input[aria-invalid=true]{border-color:var(--bad);box-shadow:0 0 0 1px var(--bad)}
.fault{margin:.35rem 0 0;color:var(--bad);font-size:.875rem}
.number{position:relative}
.mark{position:absolute;right:.75rem;top:50%;transform:translateY(-50%);font-size:.6875rem;font-weight:800;
letter-spacing:.05em;color:var(--accent);text-transform:uppercase;pointer-events:none}
button{font:inherit;font-weight:600;cursor:pointer;border-radius:.5rem;min-height:3rem;padding:.65rem 1rem;width:100%}
.go{border:0;background:var(--accent);color:var(--accent-ink);margin-top:.5rem;
box-shadow:0 1px 2px #10182b33,0 6px 16px -6px var(--accent);transition:filter .12s}
.go:hover{filter:brightness(1.07)}
.quiet{border:1px solid transparent;background:none;color:var(--muted);margin-top:.5rem}
.quiet:hover{color:var(--ink);background:var(--tint)}
.plain{border:1px solid var(--line);background:var(--field);color:inherit;margin-top:.75rem}
:is(button,a):focus-visible{outline:3px solid var(--accent);outline-offset:2px}
form[aria-busy=true] .go{opacity:.75;cursor:progress}
.cards{margin-top:2rem;padding:1.1rem 1.1rem .6rem;border-radius:.75rem;background:var(--tint);border:1px dashed var(--line)}
.cards h2{font-size:.9375rem;margin:0}
.cards p{margin:.15rem 0 .6rem;font-size:.8125rem;color:var(--muted)}
.cards ul{list-style:none;margin:0;padding:0}
.cards a{display:flex;align-items:center;gap:.7rem;padding:.5rem .55rem;margin:0 -.55rem;border-radius:.5rem;
color:inherit;text-decoration:none;font-size:.875rem;min-height:2.5rem}
.cards a:hover{background:var(--accent-soft)}
.cards code{font:500 .875rem/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin-left:auto;white-space:nowrap}
.dot{width:.55rem;height:.55rem;border-radius:50%;flex:none;background:var(--good)}
.dot.ask{background:#e7a33e}.dot.no{background:#d9534a}
.lone{min-height:100vh;display:grid;place-items:center;padding:1.5rem;
background:radial-gradient(90% 70% at 50% 0,var(--night-2),var(--night) 75%)}
.box{width:100%;max-width:27rem;background:var(--paper);border-radius:1rem;padding:2rem;
box-shadow:0 30px 70px -25px #000a}
.box .brand{justify-content:space-between;margin-bottom:1.75rem;font-size:.9375rem}
.box .brand span:first-child{display:flex;align-items:center;gap:.6rem}
.box h1{margin-bottom:.5rem}
.box p{margin:0 0 1rem;color:var(--muted)}
.box dl{margin:0 0 1.25rem;border:1px solid var(--line);border-radius:.625rem;padding:.2rem .95rem}
.box dl div{display:flex;justify-content:space-between;gap:1rem;padding:.55rem 0}
.box dl div+div{border-top:1px solid var(--line)}
.box dt{color:var(--muted)}.box dd{margin:0;font-weight:600;text-align:right}
.seal{width:3.25rem;height:3.25rem;border-radius:50%;display:grid;place-items:center;margin-bottom:1rem;
background:var(--accent-soft);color:var(--accent)}
.seal.good{color:var(--good)}.seal.warn{color:var(--warn)}
.seal svg{width:1.6rem;height:1.6rem}
a.go{display:block;text-align:center;text-decoration:none;font-weight:600;border-radius:.5rem;padding:.7rem 1rem}
@media (max-width:54rem){.split{display:block}.summary,.pay{display:block}
.summary-in,.pay-in{max-width:34rem;margin:0 auto;padding:1.5rem 1.25rem 1.75rem}
.summary-in{position:relative;height:auto;min-height:0}
.what{margin-top:1.5rem}.items{margin-top:1rem}.foot{max-width:13rem;display:none}.rings{right:-16rem;bottom:-20rem}}
@media (max-width:24rem){.cards code{font-size:.78rem}.cards a{gap:.5rem}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
`;

/** Comfort only: the page does everything without it. */
export const CHECKOUT_SCRIPT = `
(function(){
var form=document.getElementById('payment');if(!form)return;
if(!form.card_number){form.addEventListener('submit',function(e){if(form.getAttribute('aria-busy')==='true'){e.preventDefault();return}
form.setAttribute('aria-busy','true')});return}
var number=form.card_number,exp=form.exp,cvc=form.cvc,mark=document.getElementById('mark');
function group(v){v=v.replace(/\\D/g,'').slice(0,16);
return /^3[47]/.test(v)?v.replace(/^(.{0,4})(.{0,6})(.{0,5}).*/,function(_,a,b,c){return[a,b,c].filter(Boolean).join(' ')})
:v.replace(/(.{4})(?=.)/g,'$1 ')}
function brand(v){v=v.replace(/\\D/g,'');mark.textContent=/^4/.test(v)?'Visa':/^5[1-5]/.test(v)?'Mastercard':/^3[47]/.test(v)?'Amex':''}
function clear(field){field.removeAttribute('aria-invalid');var note=document.getElementById(field.id+'_fault');if(note)note.remove()}
number.addEventListener('input',function(){if(number.selectionStart===number.value.length)number.value=group(number.value);brand(number.value)});
exp.addEventListener('input',function(e){if(e.inputType&&e.inputType.indexOf('delete')===0)return;
var d=exp.value.replace(/\\D/g,'').slice(0,4);if(/^[2-9]/.test(d))d='0'+d;exp.value=d.length>=2?d.slice(0,2)+' / '+d.slice(2):d});
[].forEach.call(form.elements,function(el){if(el.tagName==='INPUT')el.addEventListener('input',function(){clear(el)})});
[].forEach.call(document.querySelectorAll('[data-card]'),function(link){link.addEventListener('click',function(e){e.preventDefault();
number.value=group(link.dataset.card);exp.value='12 / 34';cvc.value='123';
if(!form.name.value)form.querySelector('#name').value='Ada Lovelace';
[number,exp,cvc].forEach(clear);brand(number.value);form.querySelector('.go').focus()})});
form.addEventListener('submit',function(e){if(form.getAttribute('aria-busy')==='true'){e.preventDefault();return}
form.setAttribute('aria-busy','true');if(e.submitter&&e.submitter.value==='pay')e.submitter.textContent='Processing\\u2026'});
window.addEventListener('pageshow',function(e){if(e.persisted)location.reload()});
brand(number.value);
var bad=form.querySelector('[aria-invalid=true]')||document.querySelector('[role=alert]');if(bad)bad.focus();
})();
`;

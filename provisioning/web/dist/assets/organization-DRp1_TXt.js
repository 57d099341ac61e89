<<<<<<<< HEAD:provisioning/web/dist/assets/organization-D9ccSTPG.js
import{D as e}from"./Trouble-BA53V80p.js";import{x as t}from"./UserSelect-uxaYb1yy.js";import{r as n}from"./index-CmZIPUxY.js";var r=t(`/api/v1/organizations`);function i(){let{id:t}=n().organization;return e({queryKey:[`organization`,t],queryFn:async()=>(await r.get(t)).value,gcTime:0,refetchOnWindowFocus:!1})}export{i as n,r as t};
========
import{D as e}from"./Trouble-2GAodUQX.js";import{x as t}from"./UserSelect-Bqx4lKss.js";import{r as n}from"./index-DuqFFpR4.js";var r=t(`/api/v1/organizations`);function i(){let{id:t}=n().organization;return e({queryKey:[`organization`,t],queryFn:async()=>(await r.get(t)).value,gcTime:0,refetchOnWindowFocus:!1})}export{i as n,r as t};
>>>>>>>> 3bf382e (provisioning/web: sort lists by a click on a column's head):provisioning/web/dist/assets/organization-DRp1_TXt.js

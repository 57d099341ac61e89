<<<<<<<< HEAD:provisioning/web/dist/assets/organization-B7rZVEJT.js
import{D as e}from"./Trouble-ClEVMh-H.js";import{x as t}from"./UserSelect-t7wkWm8w.js";import{r as n}from"./index-BDmH5p0F.js";var r=t(`/api/v1/organizations`);function i(){let{id:t}=n().organization;return e({queryKey:[`organization`,t],queryFn:async()=>(await r.get(t)).value,gcTime:0,refetchOnWindowFocus:!1})}export{i as n,r as t};
========
import{A as e}from"./Trouble-CBGB5-oy.js";import{x as t}from"./UserSelect-Ft9Z_Dqk.js";import{r as n}from"./index-DcHq06r4.js";var r=t(`/api/v1/organizations`);function i(){let{id:t}=n().organization;return e({queryKey:[`organization`,t],queryFn:async()=>(await r.get(t)).value,gcTime:0,refetchOnWindowFocus:!1})}export{i as n,r as t};
>>>>>>>> 2cb3b4a (provisioning/web: refuse in German and Spanish too):provisioning/web/dist/assets/organization-CGRBv_Hl.js

<<<<<<<< HEAD:provisioning/web/dist/assets/IconArrowLeft-CcaqDHQF.js
import{u as e}from"./Trouble-CBGB5-oy.js";var t=e(`outline`,`arrow-left`,`ArrowLeft`,[[`path`,{d:`M5 12l14 0`,key:`svg-0`}],[`path`,{d:`M5 12l6 6`,key:`svg-1`}],[`path`,{d:`M5 12l6 -6`,key:`svg-2`}]]);export{t};
========
import{l as e}from"./Trouble-CHMW5lbB.js";var t=e(`outline`,`arrow-left`,`ArrowLeft`,[[`path`,{d:`M5 12l14 0`,key:`svg-0`}],[`path`,{d:`M5 12l6 6`,key:`svg-1`}],[`path`,{d:`M5 12l6 -6`,key:`svg-2`}]]);export{t};
>>>>>>>> 0059c2a (provisioning/phone: keep each fetch and each refusal in the audit log):provisioning/web/dist/assets/IconArrowLeft-Br6U4jjH.js

<<<<<<<< HEAD:provisioning/web/dist/assets/IconUpload-CAnRQHFg.js
import{u as e}from"./Trouble-CBGB5-oy.js";var t=e(`outline`,`upload`,`Upload`,[[`path`,{d:`M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2 -2v-2`,key:`svg-0`}],[`path`,{d:`M7 9l5 -5l5 5`,key:`svg-1`}],[`path`,{d:`M12 4l0 12`,key:`svg-2`}]]);export{t};
========
import{l as e}from"./Trouble-CHMW5lbB.js";var t=e(`outline`,`upload`,`Upload`,[[`path`,{d:`M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2 -2v-2`,key:`svg-0`}],[`path`,{d:`M7 9l5 -5l5 5`,key:`svg-1`}],[`path`,{d:`M12 4l0 12`,key:`svg-2`}]]);export{t};
>>>>>>>> 0059c2a (provisioning/phone: keep each fetch and each refusal in the audit log):provisioning/web/dist/assets/IconUpload-DptyRBRK.js

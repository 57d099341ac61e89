<<<<<<<< HEAD:provisioning/web/dist/assets/IconDotsVertical-DulyEeIh.js
import{u as e}from"./Trouble-CBGB5-oy.js";var t=e(`outline`,`dots-vertical`,`DotsVertical`,[[`path`,{d:`M11 12a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-0`}],[`path`,{d:`M11 19a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-1`}],[`path`,{d:`M11 5a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-2`}]]);export{t};
========
import{l as e}from"./Trouble-CHMW5lbB.js";var t=e(`outline`,`dots-vertical`,`DotsVertical`,[[`path`,{d:`M11 12a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-0`}],[`path`,{d:`M11 19a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-1`}],[`path`,{d:`M11 5a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-2`}]]);export{t};
>>>>>>>> 0059c2a (provisioning/phone: keep each fetch and each refusal in the audit log):provisioning/web/dist/assets/IconDotsVertical-B6l6BcI4.js

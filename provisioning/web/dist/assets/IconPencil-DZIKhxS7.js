<<<<<<<< HEAD:provisioning/web/dist/assets/IconPencil-NTJrYdA0.js
import{u as e}from"./Trouble-CBGB5-oy.js";var t=e(`outline`,`pencil`,`Pencil`,[[`path`,{d:`M4 20h4l10.5 -10.5a2.828 2.828 0 1 0 -4 -4l-10.5 10.5v4`,key:`svg-0`}],[`path`,{d:`M13.5 6.5l4 4`,key:`svg-1`}]]);export{t};
========
import{l as e}from"./Trouble-CHMW5lbB.js";var t=e(`outline`,`pencil`,`Pencil`,[[`path`,{d:`M4 20h4l10.5 -10.5a2.828 2.828 0 1 0 -4 -4l-10.5 10.5v4`,key:`svg-0`}],[`path`,{d:`M13.5 6.5l4 4`,key:`svg-1`}]]);export{t};
>>>>>>>> 0059c2a (provisioning/phone: keep each fetch and each refusal in the audit log):provisioning/web/dist/assets/IconPencil-DZIKhxS7.js

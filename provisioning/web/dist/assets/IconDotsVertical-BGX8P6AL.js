<<<<<<<< HEAD:provisioning/web/dist/assets/IconDotsVertical-BGX8P6AL.js
import{l as e}from"./Trouble-BA53V80p.js";var t=e(`outline`,`dots-vertical`,`DotsVertical`,[[`path`,{d:`M11 12a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-0`}],[`path`,{d:`M11 19a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-1`}],[`path`,{d:`M11 5a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-2`}]]);export{t};
========
import{l as e}from"./Trouble-2GAodUQX.js";var t=e(`outline`,`dots-vertical`,`DotsVertical`,[[`path`,{d:`M11 12a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-0`}],[`path`,{d:`M11 19a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-1`}],[`path`,{d:`M11 5a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`,key:`svg-2`}]]);export{t};
>>>>>>>> 3bf382e (provisioning/web: sort lists by a click on a column's head):provisioning/web/dist/assets/IconDotsVertical-Jz9XWI0D.js

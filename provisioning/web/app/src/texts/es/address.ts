export const address = {
  badge: 'sin confirmar', state: 'Correo confirmado', sent: 'Enlace de confirmación enviado', expires: 'El enlace de confirmación caduca', delivery: 'Entrega del enlace de confirmación', verified: 'Correo confirmado',
  states: { none: 'Nada que confirmar', sent: 'Sin confirmar', verified: 'Confirmado', expired: 'Sin confirmar: el enlace es demasiado antiguo', failed: 'Sin confirmar: no se envió ningún enlace' },
  willAsk: 'A una dirección nueva se le envía un enlace para confirmarla. Hasta que se siga, no se envía allí ningún enlace para elegir contraseña.',
  asked: (until: string) => `El enlace enviado allí vale hasta el ${until}.`,
  tooOld: 'El enlace enviado allí es demasiado antiguo.',
  failed: 'No se envió ningún enlace allí. ¿Hay un servidor de correo?',
  again: 'Enviar el enlace otra vez', againLong: 'Enviar otra vez el enlace para confirmar el correo', done: (to: string) => `Un enlace para confirmar la dirección va de camino a ${to}.`,
  own: 'Siga el enlace que se envió allí.',
  title: '¿Es esta su dirección?', lead: (who: string, org: string) => `Se ha registrado para ${who} en ${org}.`, anyone: 'Un enlace enviado por correo le ha traído aquí.',
  notYou: 'Si no es usted, cierre esta página: no se confirma nada.', password: 'Su contraseña', passwordHint: 'La que usa para entrar aquí. El correo puede haber llegado a otra persona.', submit: 'Confirmar la dirección',
  confirmedTitle: 'La dirección está confirmada', confirmed: (email: string) => `${email} es suya desde ahora.`, enter: 'A la aplicación',
  dead: 'Este enlace ya no confirma nada', deadLead: 'Ya se usó, es demasiado antiguo, o la dirección ha cambiado. Pida otro a su administrador.',
}

// @ts-check
// Explorers that move together: those of one notebook or page, once the reader wants it, share the controls they have
// in common. Explorers may come from several copies of this module, so what they share stands at the window.

// {moved(values), leave()} for an explorer of a group (an object: the page, a notebook). follow(values) is called with
// what another one was moved to, offer(shown, on) when the switch should be seen or changes. A leader turns it on.
function together(group, {parameters, follow, offer, leads}) {
  const groups = window.fmspaceTogether ??= new WeakMap()
  if (!groups.has(group)) groups.set(group, {on: false, members: new Set()})
  const shelf = groups.get(group), me = {parameters, follow, offer}
  const shares = one => [...shelf.members].some(
    other => other !== one && other.parameters.some(parameter => one.parameters.includes(parameter)))
  const tell = () => shelf.members.forEach(one => one.offer(shares(one), shelf.on))
  shelf.members.add(me)
  shelf.turn = on => { shelf.on = on; tell() }
  if (leads) shelf.on = true
  tell()
  return {
    moved(values) {
      if (shelf.on) shelf.members.forEach(other => other === me || other.follow(values))
    },
    turn(values) {
      shelf.turn(!shelf.on)
      this.moved(values)
    },
    leave() {
      shelf.members.delete(me)
      tell()
    },
  }
}

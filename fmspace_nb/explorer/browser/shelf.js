// @ts-check
// plotly.js as a kernel once sent it, kept by this browser for the address of its server: one version, the newest.

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 */
function onShelf(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("fmspace_nb")
    opening.onupgradeneeded = () => opening.result.createObjectStore("plotly")
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result, request = act(database.transaction("plotly", mode).objectStore("plotly"))
      request.onsuccess = () => { database.close(); resolve(request.result) }
      request.onerror = () => { database.close(); reject(request.error) }
    }
  })
}

// A browser that keeps nothing for this page asks the kernel each time.
const kept = version => onShelf("readonly", store => store.get(version)).catch(() => undefined)
const keep = (version, code) => onShelf("readwrite", store => {
  store.clear()
  return store.put(code, version)
}).catch(() => undefined)

// A mark of the picture that leads to a place on the page opens what that place is folded in.
function unfold() {
  const place = document.getElementById(location.hash.slice(1));
  place?.closest("details")?.setAttribute("open", "");
}
unfold();
addEventListener("hashchange", unfold);

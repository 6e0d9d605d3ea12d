# Doxygen 1.9 does not find a heading in another page: such links lead to the page.
s/\]\(([^) ]+\.md)#[^)]*\)/](\1)/g
# Nor does it find one in the same page by GitHub's name.
s/\[([^]]*)\]\(#[^)]*\)/\1/g
# Pages beside the examples are not among those of the API.
s/\[([^]]*)\]\((\.\.\/)*examples\/[^)]*\)/\1/g

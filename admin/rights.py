"""Who may do what in the library: the one place to change when roles change."""

from knowledge.vocabulary import Role

READ = tuple(Role)
# A proposal changes nothing that answers; whoever works with questions may make one.
PROPOSE = tuple(Role)
# The second pair of eyes; never those of the person who proposed, whatever the role.
APPROVE = (Role.REVIEWER, Role.ADMINISTRATOR)
JUDGE = tuple(Role)

"""Test ids of what people see of the kit. `python -m tools.kit` adds them to docs/testids.md."""

from connections.console.testids import Area

START = Area(
    "The start page, and copies of visitors",
    (
        ("start-page", "on the sign-in page: opens the start page"),
        ("start-{what}", "on the start page: explore, back (to the world), present, practise, llms"),
        ("tour-{walk}", "begins a tour in a world of its own"),
        ("scenario-{name}", "opens a scenario in a world of its own"),
        ("start-over", "in the banner of a visitor's world: makes it as new, after a question"),
        ("leave", "in the banner: leaves the world"),
    ),
)
PANEL = Area(
    "The presenter's panel",
    (
        ("panel-open", "opens and closes the panel of a world that has one; without scripts, leads to its page"),
        ("panel-close", "closes it"),
        ("panel-section-{part}", "folds a part: walks, world, clock, peer, next, look, recording, share"),
        ("panel-notice", "what has just been done, or why it was not"),
        ("panel-scenario", "the scenario to start over with"),
        ("panel-over", "starts over"),
        ("panel-bookmark", "the name of a bookmark"),
        ("panel-keep", "keeps the world as a bookmark"),
        ("bookmark-{name}-restore", "goes back to a bookmark"),
        ("bookmark-{name}-forget", "deletes it"),
        ("panel-now", "the world's time"),
        ("panel-clock-{what}", "holds the clock, lets it run, or moves it by so many seconds: held, running, 10"),
        ("panel-settle", "finishes what is under way"),
        ("panel-connection", "the connection whose device is set"),
        ("panel-connection-go", "chooses it, where no script does"),
        ("panel-tunnel", "its tunnels whose devices are set"),
        ("panel-peer-{what}", "sets the device: up, phase1, phase2, off, cut"),
        ("panel-tunnel-{number}", "the status of a tunnel"),
        ("panel-next-of", "to which answer something happens: the next change, the next page"),
        ("panel-next-{what}", "what happens to it: slow, lost, refused; never: nothing after all"),
        ("panel-next-set", "what will happen to which answer"),
        ("panel-persona-{user}", "signs in as a persona"),
        ("panel-language-{language}", "the other language"),
        ("panel-theme-{theme}", "appearance: auto, light, dark"),
        ("panel-share-{kind}", "makes a link for the audience: copy, look"),
        ("share-{number}", "a link for the audience"),
        ("share-{number}-copy", "copies it"),
        ("share-{number}-end", "lets it lead nowhere from now on"),
        ("join", "opens a copy of one's own, from a link for the audience"),
        ("over-sure", "starts over although something was changed"),
        ("over-cancel", "does not"),
    ),
)
WALKS = Area(
    "Walks",
    (
        ("walk-{name}-play", "plays a walk: each key press does a step"),
        ("walk-{name}-tour", "begins a tour, which waits until a person has done each step"),
        ("walk-title", "the walk that is on, in the panel"),
        ("walk-resume", "goes on with a walk that was left, in the top bar"),
        ("walk-go-on", "the same, in the panel"),
        ("walk-restart", "begins the walk again"),
        ("walk-stop", "ends it"),
        ("walk-bubble", "what a walk says, beside the control"),
        ("walk-back", "reads the step before"),
        ("walk-forth", "reads the step after, up to the present one"),
        ("walk-next", "does the step and goes on"),
        ("walk-all", "does all steps that are left, at reading speed; stops doing them"),
        ("walk-leave", "closes the bubble"),
        ("walk-over", "begins again, when the walk cannot go on"),
    ),
)
AREAS = (START, PANEL, WALKS)

# SPDX-License-Identifier: GPL-2.0
"""Tables of reStructuredText, and plots by gnuplot."""
import subprocess
import textwrap

# Of a contender, the same in all plots; others take what is left.
COLOURS = {
    "plain6": "#8c8c8c", "plain4": "#c4b7a6", "nat44": "#4c72b0",
    "jool": "#dd8452", "jool256": "#937860", "tayga": "#8172b3",
    "nat64": "#55a868", "fast": "#c44e52", "drop6": "#dddddd",
    "drop4": "#eeddcc", "IPv6": "#55a868", "IPv4": "#4c72b0",
}


def number(value, digits=3):
    """Three significant digits, thousands apart."""
    if value is None:
        return "--"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.{digits}g}"


def prose(text):
    """A paragraph, in lines."""
    return textwrap.fill(" ".join(text.split()), 80) + "\n\n"


def table(head, rows):
    """A simple table; the first column is text, the others are numbers."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows])
              for i in range(len(head))]
    rule = " ".join("=" * width for width in widths)

    def line(row):
        return " ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))
                        ).rstrip()
    return "\n".join([rule, line(head), rule, *map(line, rows), rule]) + "\n"


def gnuplot(path, script):
    head = f"""
        set terminal svg size 760,380 dynamic font "sans,12"
        set output "{path}"
        set border 3
        set tics nomirror
        set grid ytics lc rgb "#dddddd"
        set key outside top center horizontal
    """
    subprocess.run(["gnuplot", "-"], input=head + script, text=True, check=True)
    with open(path) as file:
        first, rest = file.read().split("\n", 1)
    with open(path, "w") as file:
        file.write(f"{first}\n<!-- SPDX-License-Identifier: GPL-2.0 -->\n{rest}")


def cell(value):
    return "NaN" if value is None else f"{value:.6g}"


def bars(path, label, groups, series, value):
    """A bar for each of the series in each of the groups."""
    lines = "\n".join(" ".join([f'"{group}"', *(cell(value(group, name))
                                               for name in series)])
                      for group in groups)
    plots = ", ".join(
        f'$data using {i + 2}:xtic(1) title "{name}" '
        f'lc rgb "{COLOURS[name]}"'
        for i, name in enumerate(series))
    gnuplot(path, f"""
        $data << END
{lines}
END
        set style data histograms
        set style histogram clustered gap 1
        set style fill solid border rgb "white"
        {"set xtics rotate by -25" if len(groups) > 5 else ""}
        set ylabel "{label}"
        set yrange [0:*]
        plot {plots}
    """)


def curves(path, xlabel, ylabel, series, logarithmic=False):
    """A line for each of the series, {name: [(x, y)]}."""
    blocks, plots = "", []
    for i, (name, points) in enumerate(series.items()):
        lines = "\n".join(f"{x} {cell(y)}" for x, y in points)
        blocks += f"$curve{i} << END\n{lines}\nEND\n"
        plots.append(f'$curve{i} title "{name}" with linespoints lw 2 pt 7 '
                     f'ps 0.5 lc rgb "{COLOURS[name]}"')
    gnuplot(path, f"""
{blocks}
        set xlabel "{xlabel}"
        set ylabel "{ylabel}"
        set yrange [0:*]
        {"set logscale x; set format x '10^{%L}'" if logarithmic else ""}
        plot {", ".join(plots)}
    """)

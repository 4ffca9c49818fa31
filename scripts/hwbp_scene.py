#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares what perf hwbp made of a scene with what is known of it.

usage: hwbp_scene.py DIR CASE     one case: status 0 if all is right
       hwbp_scene.py --cases      their names

DIR has what selftests/hw_breakpoint/hwbp/guest.sh, which sets the scene, has written: perf
watches the task counter at alpha before the recording, and takes all other slots for data by
beta, pinned; epsilon is refused; then a CPU is watched at alpha, and a module reserves all
slots of a CPU or of all CPUs five times, and one more each time.
"""
import json
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

SVG = '{http://www.w3.org/2000/svg}'
MODULE = 5
folder = ''


def read(name):
    with open(f'{folder}/{name}', encoding='utf-8') as f:
        return f.read()


class Scene(unittest.TestCase):
    """Each test is a case."""

    def setUp(self):
        self.pid, self.slots = map(int, read('scene').split())

    def count(self, pattern, text, wanted):
        """So many lines of the text have the pattern."""
        found = [line for line in text.splitlines() if re.search(pattern, line)]
        self.assertEqual(len(found), wanted, f'{pattern} in\n{text}')
        return found

    def watched(self, rows):
        """{(symbol, type)} of rows that are the task's, all of which perf opened."""
        mine = [r for r in rows if r.get('pid') == self.pid]
        self.assertEqual(len(mine), self.slots)
        for row in mine:
            self.assertEqual((row['owner'], row['comm'], row['len']), ('perf', 'counter', 4), row)
            self.assertEqual(row['state'], 'active')
        return sorted((r['symbol'], r['type']) for r in mine)

    def test_json(self):
        listed = json.loads(read('list.json'))
        wanted = sorted([('alpha', 'w')] + [('beta', 'rw')] * (self.slots - 1))
        self.assertEqual(self.watched(listed['slots']), wanted)
        self.assertEqual(self.watched(listed['reservations']), wanted)
        self.assertEqual(len(listed['reservations']), self.slots)
        for row in listed['slots']:
            self.assertIn('cpu', row)
            self.assertIn('slot', row)
        self.assertGreater(len([r for r in listed['slots'] if r['state'] == 'free']), 0)

    def test_list(self):
        text = read('list')
        task = rf'perf +counter\[{self.pid}\] +active +'
        self.count(rf' w +4 +{task}alpha$', text, 2)
        self.count(rf' rw +4 +{task}beta$', text, 2 * (self.slots - 1))

    def test_report_holds(self):
        text = read('report')
        task = rf'counter\[{self.pid}\]'
        before = self.count(rf'^  perf +{task} +any +w +4 <.* alpha$', text, 1)[0]
        self.assertGreater(float(before.split()[6]), float(before.split()[7]), before)
        self.assertGreater(float(before.split()[7]), 0, before)
        for line in self.count(rf'^  perf\[\d+\] +{task} +any +rw +4 +\d.* beta$', text,
                               self.slots - 1):
            self.assertGreater(float(line.split()[5]), float(line.split()[6]), line)
            self.assertGreater(int(line.split()[7]), 0, line)
        self.count(r'^  perf\[\d+\] +- +0 +w +4 ', text, 1)
        self.count(r'^  bench +-', text, MODULE * self.slots)
        self.assertNotIn('?', text)

    def test_report_refusals(self):
        text = read('report')
        self.count(rf'perf\[\d+\], hwbp_reserve: ENOSPC: w 4 bytes at epsilon for task {self.pid}$',
                   text, 1)
        self.count(rf'held by perf: w 4 bytes at alpha for task {self.pid}$', text, 1)
        self.count(rf'held by perf\[\d+\]: rw 4 bytes at beta for task {self.pid}$', text,
                   self.slots - 1)
        self.count(r'^  \S+  bench, hwbp_debug_reserve: ENOSPC: a slot on', text, MODULE)
        self.count(r'held by bench: a slot', text, MODULE * self.slots)

    def test_report_registers(self):
        rows = re.findall(r'^ +(\d+)((?: +\d+){7})$', read('report'), re.MULTILINE)
        self.assertEqual([int(cpu) for cpu, _ in rows], [0, 1])
        sums = [sum(column) for column in zip(*(map(int, r.split()) for _, r in rows))]
        taken, given_back, commits, written, spared, _, healed = sums
        self.assertGreaterEqual(taken, self.slots)
        # that of alpha was taken before
        self.assertIn(given_back - taken, (0, 1))
        self.assertGreater(commits, 0)
        self.assertGreater(written, 0)
        self.assertLessEqual(spared, taken + given_back)
        self.assertEqual(healed, 0)
        # the kernel has counted for a moment longer than perf has recorded; within that its table
        # was read twice
        for column, recorded in enumerate((commits, written, spared), 1):
            begun, ended, counted = (sum(self.by_cpu(name, column))
                                     for name in ('writes.begun', 'writes.ended', 'writes'))
            self.assertGreater(ended, begun)
            self.assertLessEqual(ended - begun, recorded)
            self.assertLessEqual(recorded, counted)

    def by_cpu(self, name, column):
        """What a table of the kernel's has of each CPU."""
        rows = [row.split() for row in read(name).splitlines()[1:]]
        self.assertEqual([row[0] for row in rows], ['0', '1'])
        return [int(row[column]) for row in rows]

    def counted(self, column):
        """How much more the kernel has counted in the second recording.

        On CPU 0, where the guest runs. A suite takes the other one down, with perf's events of it.
        """
        before, after = (self.by_cpu(f'counts.{when}', column)[0] for when in ('before', 'after'))
        self.assertGreater(after, before)
        return after - before

    def test_loans(self):
        loans = self.count(r'^  bench\[\d+\] +\d+ +\d+ +\d+ +\d+$', read('report.taken'), 1)
        self.assertEqual(int(loans[0].split()[1]), self.counted(1))
        self.count(r' lent (0|0x[0-9a-f]+), written ', read('timehist.taken'), self.counted(1))

    def test_taken(self):
        self.count(r'^  \S+  from \w+.*, on CPU 0$', read('report.taken'), self.counted(2))
        self.count(r' \[0000\] .* hwbp_taken ', read('timehist.taken'), self.counted(2))
        root = ElementTree.fromstring(read('taken.svg'))
        titles = [t.text for t in root.iter(f'{SVG}title')]
        self.assertTrue(any(t.startswith('lent to bench[') for t in titles), titles)

    def test_timehist(self):
        text = read('timehist')
        self.count(r' hwbp_reserve .*: refused, ENOSPC$', text, 1)
        self.count(rf' hwbp_reserve +rw 4 bytes at beta for task {self.pid}$', text, self.slots - 1)
        # the scene itself reads that table, too
        self.assertRegex(text, rf' hwbp_held +perf: w 4 bytes at alpha for task {self.pid}\n')
        self.count(r' hwbp_reserve +w 4 bytes at .* on CPU 0$', text, 1)
        self.count(r' hwbp_release +w 4 bytes at .* on CPU 0$', text, 1)
        self.count(r' hwbp_debug_reserve +bench: ', text, MODULE * (self.slots + 1))
        self.count(r' hwbp_debug_release +bench: ', text, MODULE * self.slots)
        times = [float(line.split()[0]) for line in text.splitlines()[1:]]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 0)

    def test_timehist_of_a_cpu(self):
        all_cpus, of_one = read('timehist').splitlines(), read('timehist.0').splitlines()
        self.assertEqual([line for line in all_cpus[1:] if '[0000]' in line], of_one[1:])
        self.assertLess(len(of_one), len(all_cpus))

    def test_picture(self):
        root = ElementTree.fromstring(read('timeline.svg'))
        names = [t.text for t in root.iter(f'{SVG}text')]
        used = {r['slot'] for r in json.loads(read('list.json'))['slots'] if r.get('pid') == self.pid}
        self.assertEqual(len(used), self.slots)
        for name in ['CPU 0', 'CPU 1'] + [f'slot {n}' for n in used]:
            self.assertIn(name, names)
        boxes = [box for box in root if box.tag == f'{SVG}svg']
        # the recording begins with the picture, and alpha is watched from the beginning
        self.assertLess(min(float(box.get('x')) for box in boxes), 200)
        titles = [box.find(f'{SVG}title').text for box in boxes]
        self.assertTrue(any(re.match(rf'perf: w 4 bytes at alpha for task {self.pid}, ', t)
                            for t in titles), titles)
        self.assertTrue(any(' rw 4 bytes at beta ' in t for t in titles), titles)
        dots = [c.find(f'{SVG}title').text for c in root if c.get('class') == 'refused'
                and c.tag == f'{SVG}circle' and c.find(f'{SVG}title') is not None]
        self.assertEqual(len(dots), 1 + MODULE)
        self.assertEqual(dots[0].count('; held by perf'), self.slots)
        self.within(root, boxes)

    def within(self, root, boxes):
        """All boxes are in the picture, and none covers another one."""
        width, lanes = float(root.get('width')), {}
        for box in boxes:
            x, y, w = (float(box.get(a)) for a in ('x', 'y', 'width'))
            self.assertLessEqual(x + w, width)
            lanes.setdefault(y, []).append((x, x + w))
        for spans in lanes.values():
            spans.sort()
            for one, other in zip(spans, spans[1:]):
                self.assertLessEqual(one[1], other[0] + 0.5)

    def test_chrome(self):
        events = json.loads(read('timeline.json'))['traceEvents']
        names = {e['pid']: e['args']['name'] for e in events if e['name'] == 'process_name'}
        self.assertEqual(sorted(names.values()), ['CPU 0', 'CPU 1'])
        threads = {e['tid']: (names[e['pid']], e['args']['name'])
                   for e in events if e['name'] == 'thread_name'}
        self.assertEqual(len(threads), len(set(threads.values())))
        stays = [e for e in events if e['ph'] == 'X']
        for stay in stays:
            self.assertGreaterEqual(stay['dur'], 0)
            self.assertRegex(threads[stay['tid']][1], r'^slot \d+$')
        self.assertEqual({'alpha', 'beta'} - {e['name'] for e in stays}, set())
        refusals = [e for e in events if e['ph'] == 'i' and e['name'] == 'ENOSPC']
        self.assertEqual(len(refusals), 1 + MODULE)
        self.assertEqual([len(e['args']['holders']) for e in refusals],
                         [self.slots] * (1 + MODULE))

    def test_errors(self):
        self.count("record with 'perf hwbp record'", read('other'), 1)
        for what in ('list', 'record'):
            self.count('^No permission to read /sys/.*: run this as root', read(f'nobody.{what}'), 1)

    def test_completion(self):
        self.assertEqual(read('list-cmds').split(),
                         ['list', 'record', 'report', 'timehist', 'timeline'])
        for option in ('--chrome', '--output', '--width'):
            self.assertIn(option, read('list-opts').split())
        self.count(r'(^|\s)hwbp(\s|$)', read('commands'), 1)


def main():
    global folder
    if sys.argv[1:] == ['--cases']:
        print('\n'.join(n.removeprefix('test_') for n in unittest.defaultTestLoader.getTestCaseNames(Scene)))
        return 0
    folder, case = sys.argv[1:]
    result = unittest.TextTestRunner(stream=sys.stdout).run(Scene(f'test_{case}'))
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main())

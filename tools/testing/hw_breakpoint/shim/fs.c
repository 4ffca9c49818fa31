// SPDX-License-Identifier: GPL-2.0
/* debugfs, procfs, seq_file and sysfs in user space. */

#include <stdarg.h>

#define FILES		12
/* Read at once */
#define PART		256

static struct {
	const char			*name;
	struct inode			inode;
	const struct file_operations	*fops;
} files[FILES];

void shim_create_file(const char *name, void *data, const struct file_operations *fops)
{
	int i = 0;

	while (i < FILES && files[i].name)
		i++;
	if (WARN_ON(i == FILES))
		return;
	files[i].name = name;
	files[i].inode.i_private = data;
	files[i].fops = fops;
}

struct shim_reader shim_reader = { .ns = &init_pid_ns, .perfmon = true, .kernel = true };

/* There is one file. */
void shim_create_proc(const char *name, const struct proc_ops *ops)
{
	struct file_operations *const fops = calloc(1, sizeof(*fops));

	fops->open = ops->proc_open;
	fops->release = ops->proc_release;
	shim_create_file(name, NULL, fops);
}

int seq_open(struct file *file, const struct seq_operations *op)
{
	file->private_data->op = op;
	return 0;
}

void *__seq_open_private(struct file *file, const struct seq_operations *op, int size)
{
	file->private_data->private = calloc(1, size);
	seq_open(file, op);
	return file->private_data->private;
}

int seq_open_private(struct file *file, const struct seq_operations *op, int size)
{
	return __seq_open_private(file, op, size) ? 0 : -ENOMEM;
}

int seq_release(struct inode *inode, struct file *file)
{
	return 0;
}

int seq_release_private(struct inode *inode, struct file *file)
{
	free(file->private_data->private);
	return 0;
}

/* What does not fit is noticed by whoever shows. */
void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(m->buf + m->len, m->size - m->len, fmt, ap);
	va_end(ap);
	m->len = min(m->len + n, m->size);
}

void seq_escape(struct seq_file *m, const char *s, const char *escaped)
{
	for (; *s; s++)
		seq_printf(m, strchr(escaped, *s) ? "\\%03o" : "%c", *s);
}

/* As many entries as fit. Return: false when there are no more; an error is tried again. */
static bool read_part(struct seq_file *m, loff_t *pos)
{
	void *v = m->op->start(m, pos);

	while (v && !IS_ERR(v)) {
		size_t len = m->len;

		m->op->show(m, v);
		if (m->len == m->size) {
			m->len = len;
			WARN_ON(!len);
			break;
		}
		v = m->op->next(m, v, pos);
	}
	m->op->stop(m, v);
	return v;
}

static void read_all(struct seq_file *m, char *buf, size_t size, void (*between)(void))
{
	char part[PART];
	loff_t pos = 0;
	size_t len = 0;
	bool more;

	m->buf = part;
	m->size = sizeof(part);
	do {
		m->len = 0;
		more = read_part(m, &pos);
		if (WARN_ON(len + m->len >= size))
			return;
		memcpy(buf + len, part, m->len);
		len += m->len;
		if (between)
			between();
	} while (more);
	buf[len] = 0;
}

static int find_file(const char *name)
{
	int i = 0;

	while (i < FILES && files[i].name && strcmp(files[i].name, name))
		i++;
	return WARN_ON(i == FILES || !files[i].name) ? -1 : i;
}

u64 shim_get(const char *name)
{
	int i = find_file(name);
	u64 val = 0;

	if (i >= 0)
		files[i].fops->get(files[i].inode.i_private, &val);
	return val;
}

int shim_set(const char *name, u64 val)
{
	int i = find_file(name);

	return i < 0 ? -ENOENT : files[i].fops->set(files[i].inode.i_private, val);
}

void shim_read(const char *name, char *buf, size_t size, void (*between)(void))
{
	struct seq_file m = { };
	struct file file = { .private_data = &m, .f_cred = &shim_reader.cred };
	int i = find_file(name);

	if (i < 0)
		return;
	m.file = &file;
	files[i].fops->open(&files[i].inode, &file);
	read_all(&m, buf, size, between);
	files[i].fops->release(&files[i].inode, &file);
}

/* ---- sysfs ---- */

#define SYSFS_PAGE	4096

static bool bit_of(const unsigned long *map, int n, int i)
{
	return i < n && map[i / BITS_PER_LONG] >> i % BITS_PER_LONG & 1;
}

/* As "0,2-4" */
static int print_list(char *buf, int n, const unsigned long *map)
{
	int first, i, len = 0;

	for (i = 0; i < n; i++) {
		if (!bit_of(map, n, i))
			continue;
		for (first = i; bit_of(map, n, i + 1); i++)
			;
		len += sprintf(buf + len, "%s%d", len ? "," : "", first);
		if (i > first)
			len += sprintf(buf + len, "-%d", i);
	}
	return len + sprintf(buf + len, "\n");
}

int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	if (!strcmp(fmt, "%*pbl\n")) {
		n = va_arg(ap, int);
		n = print_list(buf, n, va_arg(ap, const unsigned long *));
	} else {
		n = vsnprintf(buf, SYSFS_PAGE, fmt, ap);
	}
	va_end(ap);
	return n;
}

int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf + at, SYSFS_PAGE - at, fmt, ap);
	va_end(ap);
	return n;
}

static bool is_called(const struct attribute_group *group, const struct attribute *attr,
		      const char *name)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s%s", group->name ?: "", group->name ? "/" : "",
		 attr->name);
	return !strcmp(full, name);
}

bool shim_read_sysfs(const struct attribute_group **groups, const char *name, char *buf)
{
	struct device_attribute *file;
	int i;

	for (; *groups; groups++) {
		for (i = 0; (*groups)->attrs[i]; i++) {
			if (!is_called(*groups, (*groups)->attrs[i], name))
				continue;
			file = container_of((*groups)->attrs[i], struct device_attribute, attr);
			buf[file->show(NULL, file, buf)] = 0;
			return true;
		}
	}
	return false;
}

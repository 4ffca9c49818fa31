// SPDX-License-Identifier: GPL-2.0
/* debugfs and seq_file in user space. */

#include <stdarg.h>

#define FILES		8
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

void shim_read(const char *name, char *buf, size_t size, void (*between)(void))
{
	struct seq_file m = { };
	struct file file = { .private_data = &m };
	int i = 0;

	while (i < FILES && files[i].name && strcmp(files[i].name, name))
		i++;
	if (WARN_ON(i == FILES || !files[i].name))
		return;
	m.file = &file;
	files[i].fops->open(&files[i].inode, &file);
	read_all(&m, buf, size, between);
	files[i].fops->release(&files[i].inode, &file);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols of an ELF file, or of the file with what was stripped from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>

#include "bp-symbol.h"
#include "util/build-id.h"
#include "util/debug.h"
#include "util/dso.h"
#include "util/symbol.h"

/* Of a symbol that programs linked long ago see, and new ones do not */
#define VERSION_HIDDEN	0x8000

/**
 * struct file - an open ELF file
 * @fd: it
 * @elf: libelf's
 * @ehdr: its header
 */
struct file {
	int		fd;
	Elf		*elf;
	GElf_Ehdr	ehdr;
};

static void file_close(struct file *file)
{
	if (file->elf)
		elf_end(file->elf);
	close(file->fd);
}

static bool file_open(struct file *file, const char *path)
{
	elf_version(EV_CURRENT);
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return false;
	file->elf = elf_begin(file->fd, ELF_C_READ_MMAP, NULL);
	if (file->elf && elf_kind(file->elf) == ELF_K_ELF && gelf_getehdr(file->elf, &file->ehdr))
		return true;
	file_close(file);
	return false;
}

static Elf_Scn *find_section(struct file *file, Elf64_Word type, GElf_Shdr *shdr)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(file->elf, scn)))
		if (gelf_getshdr(scn, shdr) && shdr->sh_type == type)
			break;
	return scn;
}

/**
 * struct table - a table of symbols
 * @symbols: its data
 * @versions: a number for each symbol, or NULL
 * @names: section with their names
 * @nr: how many symbols
 */
struct table {
	Elf_Data	*symbols;
	Elf_Data	*versions;
	size_t		names;
	size_t		nr;
};

static bool get_table(struct file *file, Elf64_Word type, struct table *table)
{
	GElf_Shdr shdr, versions;
	Elf_Scn *scn = find_section(file, type, &shdr);

	if (!scn || !shdr.sh_entsize)
		return false;
	table->symbols = elf_getdata(scn, NULL);
	table->names = shdr.sh_link;
	table->nr = shdr.sh_size / shdr.sh_entsize;
	table->versions = NULL;
	scn = type == SHT_DYNSYM ? find_section(file, SHT_GNU_versym, &versions) : NULL;
	if (scn)
		table->versions = elf_getdata(scn, NULL);
	return table->symbols;
}

/* "name", and in a file's own table "name@VERSION" */
static bool has_name(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return entry && !strncmp(entry, name, len) && (!entry[len] || entry[len] == '@');
}

static bool get_symbol(struct file *file, const struct table *table, size_t i, const char *name,
		       GElf_Sym *sym)
{
	GElf_Versym version;

	if (!gelf_getsym(table->symbols, i, sym) ||
	    !has_name(elf_strptr(file->elf, table->names, sym->st_name), name))
		return false;
	return !table->versions || !gelf_getversym(table->versions, i, &version) ||
	       !(version & VERSION_HIDDEN);
}

/**
 * struct search - a symbol that is looked for in a file
 * @name: its name
 * @shown: the file's name for messages
 * @place: where it is
 * @nr: how many were found that are as good
 * @odd: type of one that has no address, or 0
 */
struct search {
	const char	*name;
	const char	*shown;
	struct bp_place	*place;
	int		nr;
	int		odd;
};

static bool has_address(int type)
{
	return type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC || type == STT_COMMON;
}

static void consider(struct search *s, const GElf_Sym *sym)
{
	bool global = GELF_ST_BIND(sym->st_info) != STB_LOCAL;
	int type = GELF_ST_TYPE(sym->st_info);
	struct bp_place *place = s->place;

	if (sym->st_shndx == SHN_UNDEF)
		return;
	if (!has_address(type)) {
		s->odd = type;
		return;
	}
	/* one that all can see is meant rather than a source file's own */
	if (s->nr && (global != place->global ? !global : sym->st_value == place->addr))
		return;
	s->nr = s->nr && global == place->global ? s->nr + 1 : 1;
	place->addr = sym->st_value;
	place->size = sym->st_size;
	place->room = sym->st_size;
	place->global = global;
}

static void search_table(struct search *s, struct file *file, Elf64_Word type)
{
	struct table table;
	GElf_Sym sym;
	size_t i;

	if (!get_table(file, type, &table))
		return;
	for (i = 0; i < table.nr; i++)
		if (get_symbol(file, &table, i, s->name, &sym))
			consider(s, &sym);
}

/* What was stripped is elsewhere. */
static bool open_debug_file(struct file *file, const char *path)
{
	static const enum dso_binary_type types[] = {
		DSO_BINARY_TYPE__BUILDID_DEBUGINFO,
		DSO_BINARY_TYPE__DEBUGLINK,
		DSO_BINARY_TYPE__FEDORA_DEBUGINFO,
		DSO_BINARY_TYPE__UBUNTU_DEBUGINFO,
		DSO_BINARY_TYPE__OPENEMBEDDED_DEBUGINFO,
	};
	struct dso *dso = dso__new(path);
	char found[PATH_MAX], root[] = "";
	bool is_open = false;
	struct build_id bid;
	size_t i;

	if (!dso)
		return false;
	if (filename__read_build_id(path, &bid) > 0)
		dso__set_build_id(dso, &bid);
	for (i = 0; i < ARRAY_SIZE(types) && !is_open; i++)
		is_open = !dso__read_binary_type_filename(dso, types[i], root, found,
							  sizeof(found)) &&
			  file_open(file, found);
	dso__put(dso);
	return is_open;
}

static void search_file(struct search *s, struct file *file, const char *path)
{
	struct file debug;
	GElf_Shdr shdr;

	if (find_section(file, SHT_SYMTAB, &shdr)) {
		search_table(s, file, SHT_SYMTAB);
	} else if (open_debug_file(&debug, path)) {
		search_table(s, &debug, SHT_SYMTAB);
		file_close(&debug);
	}
	if (!s->nr)
		search_table(s, file, SHT_DYNSYM);
}

static int check(const struct search *s)
{
	if (s->nr > 1) {
		pr_err("%s has %d symbols %s, of several sources: say which by its address, mem:0xADDRESS\n",
		       s->shown, s->nr, s->name);
		return -EINVAL;
	}
	if (!s->nr && s->odd == STT_TLS) {
		pr_err("%s of %s is a variable that each thread has for itself: it has no one address\n",
		       s->name, s->shown);
		return -EINVAL;
	}
	if (!s->nr && s->odd == STT_GNU_IFUNC) {
		pr_err("%s of %s is a function that is chosen when the program starts: it has no one address\n",
		       s->name, s->shown);
		return -EINVAL;
	}
	return s->nr;
}

/**
 * bp_symbol__in_elf() - find a symbol in a file
 * @sym: the symbol
 * @path: the file
 * @shown: its name for messages
 * @place: where it is, in the file's own addresses
 *
 * Return: 1; 0 if there is none; a negative error, which has been told, if there are several or
 * it has no address.
 */
int bp_symbol__in_elf(const struct bp_symbol *sym, const char *path, const char *shown,
		      struct bp_place *place)
{
	struct search s = { .name = sym->name, .shown = shown, .place = place };
	struct file file;

	memset(place, 0, sizeof(*place));
	if (!file_open(&file, path))
		return 0;
	place->relative = file.ehdr.e_type == ET_DYN;
	search_file(&s, &file, path);
	file_close(&file);
	return check(&s);
}

/**
 * bp_elf__refers_to() - does a program use a symbol of its libraries?
 * @path: the program
 * @name: the symbol
 *
 * Return: it does.
 */
bool bp_elf__refers_to(const char *path, const char *name)
{
	struct table table;
	bool refers = false;
	struct file file;
	GElf_Sym sym;
	size_t i;

	if (!file_open(&file, path))
		return false;
	if (get_table(&file, SHT_DYNSYM, &table))
		for (i = 0; i < table.nr && !refers; i++)
			refers = get_symbol(&file, &table, i, name, &sym);
	file_close(&file);
	return refers;
}

/**
 * bp_elf__bias() - how far a file was moved when it was loaded
 * @path: the file
 * @start: a piece of it is mapped there
 * @offset: which begins at this place in the file
 * @bias: result, to be added to the file's own addresses
 *
 * Return: whether that piece is one that is loaded.
 */
bool bp_elf__bias(const char *path, u64 start, u64 offset, u64 *bias)
{
	u64 page = sysconf(_SC_PAGESIZE);
	bool found = false;
	struct file file;
	GElf_Phdr phdr;
	size_t i, nr;

	if (!file_open(&file, path))
		return false;
	if (elf_getphdrnum(file.elf, &nr))
		nr = 0;
	for (i = 0; i < nr && !found; i++) {
		if (!gelf_getphdr(file.elf, i, &phdr) || phdr.p_type != PT_LOAD ||
		    (phdr.p_offset & -page) != offset)
			continue;
		*bias = start - (phdr.p_vaddr & -page);
		found = true;
	}
	file_close(&file);
	return found;
}

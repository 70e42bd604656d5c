/*
 * mysql_floor OPTION-FILE HOST PORT: the least that a client of MySQL can do to see how a replica
 * is: connects as the option file says, asks SHOW ALL SLAVES STATUS and prints what it got.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	MYSQL *library = mysql_init(NULL);
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (argc != 4 || !library)
		return 2;
	mysql_options(library, MYSQL_READ_DEFAULT_FILE, argv[1]);
	mysql_options(library, MYSQL_READ_DEFAULT_GROUP, "client");
	if (!mysql_real_connect(library, argv[2], NULL, NULL, NULL, (unsigned)atoi(argv[3]), NULL,
		    0) ||
		mysql_query(library, "SHOW ALL SLAVES STATUS") ||
		!(result = mysql_store_result(library))) {
		fprintf(stderr, "mysql_floor: %s\n", mysql_error(library));
		return 2;
	}
	while ((row = mysql_fetch_row(result))) {
		for (unsigned i = 0; i < mysql_num_fields(result); i++)
			printf("%s: %s\n", mysql_fetch_field_direct(result, i)->name,
				row[i] ? row[i] : "NULL");
	}
	mysql_free_result(result);
	mysql_close(library);
	return 0;
}

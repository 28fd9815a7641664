# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""load.py FILE: puts the courses of a CSV file into the database; a course that is there already is updated."""

import contextlib
import csv
import os
import sys

import pymysql

with open(sys.argv[1], newline="", encoding="utf-8") as file:
    courses = [(row["code"], row["title"]) for row in csv.DictReader(file)]
connection = pymysql.connect(
    host=os.environ["MYSQL_HOST"],
    port=int(os.environ["MYSQL_PORT"]),
    user=os.environ["MYSQL_USERNAME"],
    password=os.environ["MYSQL_PASSWORD"],
    database=os.environ["MYSQL_DATABASE"],
    charset="utf8mb4",
)
with contextlib.closing(connection), connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS course (code VARCHAR(20) PRIMARY KEY, title VARCHAR(200) NOT NULL)")
    cursor.executemany("REPLACE INTO course (code, title) VALUES (%s, %s)", courses)
    connection.commit()
print(f"{len(courses)} courses loaded")

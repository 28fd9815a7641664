# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.db import migrations


class Migration(migrations.Migration):
    """As in Open edX, no two users have one email. The tables come with the next migration, made with the image."""

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunSQL("CREATE UNIQUE INDEX email ON auth_user (email)", "DROP INDEX email ON auth_user")]

-- Era C: badges and learning_goals reference auth_users with auth_user_id. Some badges have only the owner_id of era A.
create table auth_users (id integer primary key);
create table badges (id serial primary key, name varchar, description varchar, icon_url varchar, date_achieved timestamp default (now() at time zone 'utc'), owner_id integer, auth_user_id integer, constraint fk_badges_auth_user_id foreign key (auth_user_id) references auth_users (id));
create index ix_badges_id on badges (id);
create table learning_goals (id serial primary key, title varchar, description varchar, status varchar, streak_count integer default 0, auth_user_id integer, constraint fk_learning_goals_auth_user_id foreign key (auth_user_id) references auth_users (id));
create table alembic_version (version_num varchar(32) primary key);
insert into alembic_version values ('4f2c9d1e77aa');
insert into auth_users (id) values (1), (2), (-5);
insert into badges (id, name, description, icon_url, date_achieved, owner_id, auth_user_id) values
 (1, 'First steps', 'Finished the first lesson', '/icons/first.png', '2023-01-01 00:00:00', null, 1),
 (2, 'Old hand', 'Only owner_id is set', '/icons/old.png', '2022-05-05 12:00:00', 3, null),
 (3, 'Both', 'auth_user_id takes precedence', '/icons/both.png', '2022-06-06 12:00:00', 3, 2),
 (4, '', null, 'javascript:alert(1)', 'infinity', 1, 1),
 (5, repeat('é', 120), E'tab\there', '//cdn.example.com/x.png', null, null, 2),
 (6, 'Lost', 'Has no owner', '/icons/x.png', '2023-02-02 10:00:00', null, null),
 (8, 'Negative', 'Its owner has a negative id', '/icons/n.png', '2023-02-02 10:00:00', null, -5);
insert into learning_goals (id, title, description, status, streak_count, auth_user_id) values
 (1, 'Learn SQL', 'joins', 'in-progress', 5, 1), (2, 'Learn GraphQL', null, 'in_progress', null, 1), (3, 'Ship it', '', 'completed', 30, 2),
 (4, null, null, null, -3, 2), (5, 'Unknown status', null, 'Not Started', 1, 2), (6, 'Ownerless', null, 'not_started', 0, null);
select setval('badges_id_seq', 40), setval('learning_goals_id_seq', 6);

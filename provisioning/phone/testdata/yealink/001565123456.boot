#!version:1.0.0.1
## The files of this phone, in their order.
include:config "001565123456.cfg"
overwrite_mode = 1

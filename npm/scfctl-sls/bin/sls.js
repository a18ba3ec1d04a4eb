#!/usr/bin/env node
'use strict';

// Called by this name the binary prints as the real CLI does.
require('scfctl/lib/run')('sls');
